//! Reads: one statement each, on one of the reader threads.

pub(crate) mod outbox;
pub(crate) mod registrations;
pub(crate) mod sessions;
pub(crate) mod users;

use diesel::define_sql_function;
use diesel::sql_types::Text;

define_sql_function! {
    /// The texts of a group, `separator` between them; null for an empty group.
    #[aggregate]
    fn group_concat(text: Text, separator: Text) -> Nullable<Text>;
}

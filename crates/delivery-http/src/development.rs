//! The mailbox of a machine under development: `/dev/mail`. In production there is none, and neither are its routes.

pub(crate) mod list_mail;
mod mailbox;
pub(crate) mod show_mail;
pub(crate) mod show_mail_html;

pub use mailbox::{DevelopmentMail, DevelopmentMailbox, MailSummary};

use crate::problem::{Problem, ProblemCode};
use crate::state::HttpState;

/// The mail of that id.
async fn find(state: &HttpState, id: &str) -> Result<DevelopmentMail, Problem> {
    let missing = || Problem::new(ProblemCode::NotFound, "there is no such mail");
    let mailbox = state.mailbox.as_ref().ok_or_else(missing)?;
    // The id may become the name of a file.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !id.bytes().all(plain) || id.starts_with('.') {
        return Err(missing());
    }
    mailbox.read(id).await?.ok_or_else(missing)
}

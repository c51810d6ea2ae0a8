//! The contract of [`Changes`](gatewright_application::ports::change::Changes): one file an aggregate for what each
//! change does and expects, then [`wholeness`] and [`abandonment`] for all of it or nothing.
//!
//! Each of the modules is a suite by itself, so that an adapter can turn green one after another; [`suite`]
//! runs them all.

pub mod abandonment;
pub mod audit_trail;
pub mod challenges;
pub mod passwords;
pub mod profiles;
pub mod registrations;
pub mod sessions;
pub mod users;
pub mod wholeness;

use crate::storage::Storage;

/// Runs every case of every change on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    registrations::suite(&factory).await;
    challenges::suite(&factory).await;
    users::suite(&factory).await;
    passwords::suite(&factory).await;
    profiles::suite(&factory).await;
    sessions::suite(&factory).await;
    audit_trail::suite(&factory).await;
    wholeness::suite(&factory).await;
    abandonment::suite(&factory).await;
}

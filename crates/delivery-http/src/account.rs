//! The caller's own account.

pub(crate) mod delete_account;
pub(crate) mod request_email_change;
pub(crate) mod show_account;
pub(crate) mod update_profile;
pub(crate) mod verify_email_change;

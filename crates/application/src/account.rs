//! The account: its profile, its address, its end.

pub mod confirm_password;
pub mod delete_account;
pub mod request_email_change;
pub mod update_profile;
pub mod verify_email_change;

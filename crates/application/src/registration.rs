//! Registration: signing up and proving the address.

pub mod flow_started;
pub mod register_account;
pub mod resend_registration;
pub mod verification_mail;
pub mod verify_registration;

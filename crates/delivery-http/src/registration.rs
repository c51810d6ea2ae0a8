//! Registration: signing up and proving the address.

pub(crate) mod register_account;
pub(crate) mod resend_registration;
pub(crate) mod verify_registration;

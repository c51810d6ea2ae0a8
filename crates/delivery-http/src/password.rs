//! Passwords: changing and recovering them.

pub(crate) mod change_password;
pub(crate) mod request_password_reset;
pub(crate) mod reset_password;

//! Passwords: accepting new ones, changing, recovering.

pub mod change_password;
pub mod new_password;
pub mod request_password_reset;
pub mod reset_password;

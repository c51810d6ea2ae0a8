//! Passwords: what is accepted as one, and what is kept of it.

pub mod hash;
#[expect(
    clippy::module_inception,
    reason = "the area and its central noun share the field's term"
)]
pub mod password;
pub mod policy;

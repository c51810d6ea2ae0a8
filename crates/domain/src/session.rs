//! Sessions: what a sign-in begins, what a refresh keeps alive, what ends it.

pub mod client;
pub mod refresh;
#[expect(
    clippy::module_inception,
    reason = "the area and its central noun share the field's term"
)]
pub mod session;

//! Accounts: who somebody is, and how an address is proven to be theirs.

pub mod challenge;
pub mod display_name;
pub mod email;
pub mod registration;
pub mod settings;
pub mod user;
pub mod username;

//! Access: roles, permissions and what an access token says.

pub mod claims;
pub mod role;

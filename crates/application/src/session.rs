//! Sessions: signing in, refreshing, being recognised, signing out.

pub mod authenticate_access_token;
pub mod end_other_sessions;
pub mod end_session;
pub mod forgetting_changes;
pub mod identity;
pub mod list_sessions;
pub mod open_session;
pub mod rotate_refresh_token;
pub mod sign_in;
pub mod sign_out;
pub mod sign_out_everywhere;
pub mod trusted_identities;

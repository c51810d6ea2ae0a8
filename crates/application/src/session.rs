//! Sessions: signing in, refreshing, signing out.

pub mod identity;

//! Ports that one process answers from its own memory.
//!
//! So far that is
//! [`RememberedIdentities`](gatewright_application::ports::remembered_identities::RememberedIdentities), on moka. The
//! crate imports the application, the domain, moka and sha2.
//!
//! Start reading at [`remembered_identities`].

mod identity_index;
pub mod remembered_identities;

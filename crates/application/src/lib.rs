//! The use cases of user authentication, and the ports they need.
//!
//! One use case a file, `<area>/<verb_noun>.rs`: it parses into value objects, reads, hashes or
//! verifies, lets the domain decide, and hands over one list of changes. Nothing is open meanwhile.
//! The crate imports `gatewright-domain` alone; databases, tokens, mail and HTTP stand behind
//! [`ports`].
//!
//! Start reading at `session::sign_in` for a typical use case.

pub mod audit;
pub mod mail;
pub mod ports;
pub mod session;

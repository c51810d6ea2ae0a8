//! Passwords that attackers try first, known without asking anybody.
//!
//! Some million common passwords come with the binary, as a binary fuse filter; an operator adds a larger set from a
//! file. The crate implements the application's
//! [`PasswordBlocklist`](gatewright_application::ports::password_blocklist::PasswordBlocklist) and imports the
//! application, the domain, xorf, sha1 and unicode-normalization. `data/README.md` says where the passwords come from
//! and how the filter is built again.
//!
//! Start reading at [`filter_blocklist`].

pub mod embedded_filter;
pub mod filter_blocklist;
pub mod password_file;
pub mod password_key;

//! Mail for developers: every mail becomes an `.eml` file that a person, a page or a test can read.
//!
//! The crate implements the application's
//! [`MailTransport`](gatewright_application::ports::mail_transport::MailTransport) and reads its own files back for the
//! development page. It imports the application, the domain, mail-builder, mail-parser and tokio.
//!
//! Start reading at [`file_mail_transport`].

pub mod file_mail_transport;
pub mod mail_folder;
mod message;
pub mod stored_mail;

pub use gatewright_application::mail::sender;

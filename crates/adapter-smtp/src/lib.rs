//! Mail over SMTP (RFC 5321).
//!
//! The crate implements the application's
//! [`MailTransport`](gatewright_application::ports::mail_transport::MailTransport): few connections, reused, with TLS and
//! a time limit on every step; and says of every failure whether the mail may be tried again. It imports the application,
//! mail-send for the protocol, mail-builder for the message, rustls for TLS and aws-lc-rs for DKIM signatures.
//!
//! Start reading at [`smtp_transport`]; how one mail passes is in `session`, what a failure means in `failure`.

mod contact;
mod delivered;
pub mod dkim;
mod failure;
mod message;
mod pool;
mod reply;
mod server;
mod session;
pub mod smtp_transport;
pub mod smtp_url;
mod tls;

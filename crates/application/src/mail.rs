//! Mail: composing what use cases have to say, and sending what the outbox holds.

pub mod compose;
pub mod content;
pub mod dispatch_mail;
pub mod mail_allowance;
pub mod outbox_mail;
pub mod signalling_changes;

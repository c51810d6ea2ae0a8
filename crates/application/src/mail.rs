//! Mail: composing what use cases have to say, and sending what the outbox holds.

pub mod content;
pub mod outbox_mail;

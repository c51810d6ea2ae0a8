//! Mail: composing what use cases have to say, and sending what the outbox holds.

mod back_off;
pub mod compose;
pub mod content;
pub mod dispatch_mail;
pub mod mail_allowance;
pub mod outbox_mail;
pub mod send_test_mail;
pub mod sender;
pub mod signalling_changes;

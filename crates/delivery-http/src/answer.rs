//! Answers that several endpoints share.

mod flow;
mod tokens;
mod user;

pub(crate) use flow::FlowAnswer;
pub(crate) use tokens::{TokenAnswer, TokenDelivery, grant_tokens};
pub(crate) use user::UserAnswer;

//! What the pages of mailed links have in common.

use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::challenge::inspect_link::LinkDescription;
use gatewright_application::challenge::redeem::ProofFault;
use gatewright_application::mail::compose::readable_time;
use gatewright_domain::account::challenge::ChallengePurpose;
use minijinja::context;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use validator::Validate;

/// The query of a mailed link.
#[derive(Deserialize)]
pub(crate) struct LinkQuery {
    token: Option<SecretString>,
}

/// What a page that shows a link posts.
#[derive(Deserialize, Validate)]
pub(crate) struct LinkForm {
    pub(super) token: SecretString,
}

/// What a page asks before it does what the link is for.
pub(super) struct Question {
    pub(super) purpose: ChallengePurpose,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) action: &'static str,
    pub(super) button: &'static str,
}

/// The token of the link, and what following it would do. Changes nothing.
pub(super) async fn describe(
    state: &HttpState,
    purpose: ChallengePurpose,
    query: web::Query<LinkQuery>,
) -> Result<(SecretString, LinkDescription), Problem> {
    let token = query.into_inner().token.ok_or(ProofFault::InvalidLink)?;
    let description = state.application.inspect_link.execute(purpose, &token).await?;
    Ok((token, description))
}

/// A page that asks whether to go on.
pub(super) async fn ask(state: &HttpState, question: &Question, query: web::Query<LinkQuery>) -> HttpResponse {
    match describe(state, question.purpose, query).await {
        Ok((token, description)) => {
            let values = context! {
                title => question.title,
                text => question.text,
                action => question.action,
                button => question.button,
                email => description.email.as_str(),
                requested_at => readable_time(description.requested_at),
                token => token.expose_secret(),
            };
            state.pages.render(StatusCode::OK, "confirm.html", values)
        }
        Err(problem) => state.pages.problem(&problem),
    }
}

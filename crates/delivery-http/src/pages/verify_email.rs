//! `/verify-email`

use crate::extract::{Form, Public, RequestOrigin};
use crate::pages::link::{LinkForm, LinkQuery, Question, ask};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::account::verify_email_change::VerifyEmailChangeCommand;
use gatewright_application::challenge::redeem::Proof;
use gatewright_application::request::RequestContext;
use gatewright_domain::account::challenge::ChallengePurpose;

const QUESTION: Question = Question {
    purpose: ChallengePurpose::EmailChange,
    title: "Confirm your new e-mail address",
    text: "Your account gets this address, and you are signed out everywhere but where you asked for it.",
    action: "verify-email",
    button: "Confirm the new address",
};

/// Asks whether to confirm.
pub(crate) async fn show(_guard: Public, state: web::Data<HttpState>, query: web::Query<LinkQuery>) -> HttpResponse {
    ask(&state, &QUESTION, query).await
}

/// Confirms.
pub(crate) async fn submit(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    form: Result<Form<LinkForm>, Problem>,
) -> HttpResponse {
    let confirmed = confirm(&state, context, form).await;
    confirmed.unwrap_or_else(|problem| state.pages.problem(&problem))
}

async fn confirm(
    state: &HttpState,
    context: RequestContext,
    form: Result<Form<LinkForm>, Problem>,
) -> Result<HttpResponse, Problem> {
    let Form(form) = form?;
    let command = VerifyEmailChangeCommand {
        proof: Proof::Link { token: form.token },
        identity: None,
        context,
    };
    state.application.verify_email_change.execute(command).await?;
    let text = "This is your account's address from now on.";
    Ok(state
        .pages
        .message(StatusCode::OK, "Your new address is confirmed", text))
}

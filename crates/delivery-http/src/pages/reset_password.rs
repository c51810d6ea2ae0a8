//! `/reset-password`

use crate::extract::{Form, Public, RequestOrigin, SixDigitCode, proof};
use crate::pages::link::{LinkQuery, describe};
use crate::problem::{Problem, ProblemCode};
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::mail::compose::readable_time;
use gatewright_application::password::reset_password::ResetPasswordCommand;
use gatewright_application::request::RequestContext;
use gatewright_domain::account::challenge::ChallengePurpose;
use minijinja::context;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

/// What the page posts: the proof, by link or by code, and the new password twice.
#[derive(Deserialize, Validate)]
pub(crate) struct ResetPasswordForm {
    token: Option<SecretString>,
    flow_id: Option<Uuid>,
    code: Option<SixDigitCode>,
    new_password: SecretString,
    new_password_again: SecretString,
}

/// Shows whose password the link sets, and asks for the new one.
pub(crate) async fn show(_guard: Public, state: web::Data<HttpState>, query: web::Query<LinkQuery>) -> HttpResponse {
    match describe(&state, ChallengePurpose::PasswordReset, query).await {
        Ok((token, description)) => {
            let values = context! {
                title => "Set a new password",
                email => description.email.as_str(),
                requested_at => readable_time(description.requested_at),
                token => token.expose_secret(),
            };
            state.pages.render(StatusCode::OK, "reset_password.html", values)
        }
        Err(problem) => state.pages.problem(&problem),
    }
}

/// Sets the password, or says what is wrong with it and asks again.
pub(crate) async fn submit(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    form: Result<Form<ResetPasswordForm>, Problem>,
) -> HttpResponse {
    let answered = reset(&state, context, form).await;
    answered.unwrap_or_else(|problem| state.pages.problem(&problem))
}

async fn reset(
    state: &HttpState,
    context: RequestContext,
    form: Result<Form<ResetPasswordForm>, Problem>,
) -> Result<HttpResponse, Problem> {
    let Form(form) = form?;
    if form.new_password.expose_secret() != form.new_password_again.expose_secret() {
        return Ok(ask_again(
            state,
            form.token.as_ref(),
            form.flow_id,
            vec!["the two passwords differ".to_owned()],
        ));
    }
    let command = ResetPasswordCommand {
        proof: proof(form.flow_id, form.code, form.token.clone())?,
        new_password: form.new_password,
        context,
    };
    let Err(error) = state.application.reset_password.execute(command).await else {
        let text = "Every device was signed out. Sign in with your new password.";
        return Ok(state.pages.message(StatusCode::OK, "Your password is set", text));
    };
    let problem = Problem::from(error);
    Ok(match problem.code() {
        ProblemCode::PasswordRejected | ProblemCode::ValidationFailed => {
            let faults = problem.errors().iter().map(|error| error.detail.to_string()).collect();
            ask_again(state, form.token.as_ref(), form.flow_id, faults)
        }
        ProblemCode::InvalidCode => ask_again(state, None, form.flow_id, vec!["the code is not valid".to_owned()]),
        _ => state.pages.problem(&problem),
    })
}

fn ask_again(
    state: &HttpState,
    token: Option<&SecretString>,
    flow_id: Option<Uuid>,
    faults: Vec<String>,
) -> HttpResponse {
    let values = context! {
        title => "Set a new password",
        token => token.map(ExposeSecret::expose_secret),
        flow_id => flow_id.map(|flow| flow.to_string()),
        faults,
    };
    state
        .pages
        .render(StatusCode::UNPROCESSABLE_ENTITY, "reset_password.html", values)
}

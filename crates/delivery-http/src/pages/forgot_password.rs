//! `/forgot-password`

use crate::extract::{Form, Public, RequestOrigin};
use crate::problem::{Problem, ProblemCode};
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_domain::account::challenge::PasswordResetMethod;
use minijinja::context;
use serde::Deserialize;
use validator::Validate;

const TITLE: &str = "Forgot your password?";

/// What the page posts.
#[derive(Deserialize, Validate)]
pub(crate) struct ForgotPasswordForm {
    email: String,
}

/// Asks for the address.
pub(crate) async fn show(_guard: Public, state: web::Data<HttpState>) -> HttpResponse {
    state
        .pages
        .render(StatusCode::OK, "forgot_password.html", context! { title => TITLE })
}

/// Starts the recovery. What the page says does not depend on whether the address has an account.
pub(crate) async fn submit(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    form: Result<Form<ForgotPasswordForm>, Problem>,
) -> HttpResponse {
    let form = match form {
        Ok(Form(form)) => form,
        Err(problem) => return state.pages.problem(&problem),
    };
    let started = match state
        .application
        .request_password_reset
        .execute(&form.email, &context)
        .await
    {
        Ok(started) => started,
        Err(error) => return refuse(&state, &form.email, &error.into()),
    };
    match state.application.request_password_reset.challenges.reset_method {
        PasswordResetMethod::Link => {
            let text = "If this address has an account, a mail with a link is on its way. It works for a few minutes.";
            state
                .pages
                .message(StatusCode::ACCEPTED, "Look into your mailbox", text)
        }
        PasswordResetMethod::Code => {
            let values = context! { title => "Look into your mailbox", flow_id => started.flow.0.to_string() };
            state.pages.render(StatusCode::ACCEPTED, "reset_password.html", values)
        }
    }
}

fn refuse(state: &HttpState, email: &str, problem: &Problem) -> HttpResponse {
    if problem.code() != ProblemCode::ValidationFailed {
        return state.pages.problem(problem);
    }
    let faults: Vec<String> = problem.errors().iter().map(|error| error.detail.to_string()).collect();
    let values = context! { title => TITLE, email, faults };
    state
        .pages
        .render(StatusCode::UNPROCESSABLE_ENTITY, "forgot_password.html", values)
}

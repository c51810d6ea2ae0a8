//! `/verify-registration`

use crate::extract::{Form, Public, RequestOrigin};
use crate::pages::link::{LinkForm, LinkQuery, Question, ask};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::challenge::redeem::Proof;
use gatewright_application::registration::verify_registration::VerifyRegistrationCommand;
use gatewright_application::request::RequestContext;
use gatewright_domain::account::challenge::ChallengePurpose;
use minijinja::context;

const QUESTION: Question = Question {
    purpose: ChallengePurpose::Registration,
    title: "Confirm your e-mail address",
    text: "Somebody, hopefully you, signed up with this address.",
    action: "verify-registration",
    button: "Confirm and create the account",
};

const TITLE: &str = "Your address is confirmed";

/// Asks whether to confirm.
pub(crate) async fn show(_guard: Public, state: web::Data<HttpState>, query: web::Query<LinkQuery>) -> HttpResponse {
    ask(&state, &QUESTION, query).await
}

/// Confirms. Nobody is signed in by it: a page has no place for tokens.
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
    let command = VerifyRegistrationCommand {
        proof: Proof::Link { token: form.token },
        sign_in: false,
        context,
    };
    let verified = state.application.verify_registration.execute(command).await?;
    if !verified.password_kept {
        return Ok(without_password(state));
    }
    let text = "Your account is ready. Go back to where you signed up, and sign in.";
    Ok(state.pages.message(StatusCode::OK, TITLE, text))
}

/// Several sign-ups waited for the address, and nobody could say whose this one was.
fn without_password(state: &HttpState) -> HttpResponse {
    let values = context! {
        title => TITLE,
        text => "Your account is ready, but it has no password yet: sign-up was asked for more than once for this \
            address, and none of the passwords was taken over. Set one before you sign in.",
        link => "forgot-password",
        link_text => "Set a password",
    };
    state.pages.render(StatusCode::OK, "message.html", values)
}

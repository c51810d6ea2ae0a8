//! `/verify-registration`

use crate::extract::{Form, Public, RequestOrigin};
use crate::pages::link::{LinkForm, LinkQuery, Question, ask};
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::challenge::redeem::Proof;
use gatewright_application::registration::verify_registration::VerifyRegistrationCommand;
use gatewright_domain::account::challenge::ChallengePurpose;

const QUESTION: Question = Question {
    purpose: ChallengePurpose::Registration,
    title: "Confirm your e-mail address",
    text: "Somebody, hopefully you, signed up with this address.",
    action: "verify-registration",
    button: "Confirm and create the account",
};

const READY: &str = "Your account is ready. Go back to where you signed up, and sign in.";

/// Several sign-ups waited for the address, and nobody could say whose this one was.
const PASSWORD_MISSING: &str = "Your account is ready, but has no password yet: somebody signed up with this address more \
    than once, and only you should choose it. Ask for a new password where you sign in, under \u{201c}forgot password\u{201d}.";

/// Asks whether to confirm.
pub(crate) async fn show(_guard: Public, state: web::Data<HttpState>, query: web::Query<LinkQuery>) -> HttpResponse {
    ask(&state, &QUESTION, query).await
}

/// Confirms. Nobody is signed in by it: a page has no place for tokens.
pub(crate) async fn submit(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Form(form): Form<LinkForm>,
) -> HttpResponse {
    let command = VerifyRegistrationCommand {
        proof: Proof::Link { token: form.token },
        sign_in: false,
        context,
    };
    match state.application.verify_registration.execute(command).await {
        Ok(verified) => {
            let text = if verified.password_kept {
                READY
            } else {
                PASSWORD_MISSING
            };
            state.pages.message(StatusCode::OK, "Your address is confirmed", text)
        }
        Err(error) => state.pages.problem(&error.into()),
    }
}

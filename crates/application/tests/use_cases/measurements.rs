//! What is counted of sign-ins and mails.

use crate::world::{ANN, NEW_PASSWORD, PASSWORD, World, secret};
use gatewright_application::jobs::job::Job;
use gatewright_application::mail::dispatch_mail::DispatchMail;
use gatewright_application::ports::mail_transport::MailTransportError;
use gatewright_application::ports::measurements::{AnsweredRequest, MailResult, Measurements, SignInOutcome};
use gatewright_application::request::RequestContext;
use gatewright_application::session::sign_in::{SignIn, SignInCommand};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Keeps what it is told, in order.
#[derive(Default)]
struct Told {
    sign_ins: Mutex<Vec<SignInOutcome>>,
    mails: Mutex<Vec<MailResult>>,
}

impl Measurements for Told {
    fn request_answered(&self, _: AnsweredRequest<'_>) {}
    fn password_hashed(&self, _: Duration, _: Duration) {}
    fn job_finished(&self, _: Job, _: bool, _: Duration) {}

    fn sign_in(&self, outcome: SignInOutcome) {
        self.sign_ins.lock().unwrap().push(outcome);
    }

    fn mail(&self, result: MailResult) {
        self.mails.lock().unwrap().push(result);
    }
}

#[tokio::test]
async fn a_sign_in_counts_for_how_it_ended() {
    let (world, told) = (World::new(), Arc::<Told>::default());
    world.signed_in(ANN).await;
    let sign_in = SignIn {
        measurements: told.clone(),
        ..world.application.sign_in.clone()
    };
    let attempt = async |login: &str, password: &str| {
        let command = SignInCommand {
            login: login.to_owned(),
            password: secret(password),
            context: RequestContext::default(),
        };
        sign_in.execute(command).await.is_ok()
    };
    assert!(attempt(ANN, PASSWORD).await);
    assert!(!attempt(ANN, NEW_PASSWORD).await);
    assert!(!attempt("nobody", PASSWORD).await);
    assert!(!attempt(ANN, "").await, "what is no password is no attempt");
    assert_eq!(
        *told.sign_ins.lock().unwrap(),
        [
            SignInOutcome::Succeeded,
            SignInOutcome::InvalidCredentials,
            SignInOutcome::InvalidCredentials,
        ]
    );
}

#[tokio::test]
async fn a_mail_counts_at_every_try() {
    let (world, told) = (World::new(), Arc::<Told>::default());
    let dispatch_mail = DispatchMail {
        measurements: told.clone(),
        ..world.application.dispatch_mail.clone()
    };
    for refusal in [
        None,
        Some(MailTransportError::Temporary("451 later".to_owned())),
        Some(MailTransportError::Permanent("550 never".to_owned())),
    ] {
        world.transport.refuse(refusal);
        world.register(ANN, PASSWORD).await;
        dispatch_mail.execute().await.unwrap();
    }
    assert_eq!(
        *told.mails.lock().unwrap(),
        [MailResult::Sent, MailResult::Retried, MailResult::Parked]
    );
}

//! The contract of the port that this crate implements.

use gatewright_adapter_minijinja::mail_renderer::MinijinjaMailRenderer;
use gatewright_adapter_minijinja::sample_mails::sample_mails;
use gatewright_contract::mail_renderer;

#[test]
fn mail_renderer_keeps_the_contract() {
    let renderer = MinijinjaMailRenderer::new(None).unwrap();
    mail_renderer::suite(&renderer, |template| {
        sample_mails().find(|mail| mail.template == template).unwrap()
    });
}

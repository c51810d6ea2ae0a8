//! The contract of [`MailRenderer`].

use crate::running::check;
use gatewright_application::mail::content::{MailContent, MailTemplate};
use gatewright_application::ports::mail_renderer::MailRenderer;

/// What every case gets.
#[derive(Clone, Copy)]
struct Subject<'a> {
    renderer: &'a dyn MailRenderer,
    sample: &'a dyn Fn(MailTemplate) -> MailContent,
}

/// Runs every case for every template. `sample` makes content of a template, with all the values it takes.
pub fn suite(renderer: &dyn MailRenderer, sample: impl Fn(MailTemplate) -> MailContent) {
    let sample = &sample;
    let subject = Subject { renderer, sample };
    check(every_template_renders_all_three_parts, subject);
    check(a30_values_are_escaped_in_html, subject);
    check(a29_values_break_no_line_of_the_subject, subject);
}

fn every_template_renders_all_three_parts(subject: Subject<'_>) {
    for template in MailTemplate::ALL {
        let rendered = subject.renderer.render(&(subject.sample)(template)).unwrap();
        let parts = [rendered.subject, rendered.text, rendered.html];
        assert!(parts.iter().all(|part| !part.trim().is_empty()), "{template:?}");
    }
}

fn a30_values_are_escaped_in_html(subject: Subject<'_>) {
    let hostile = "\"><script>alert('&')</script>";
    for content in subject.samples_with_each_value_replaced(hostile) {
        let html = subject.renderer.render(&content).unwrap().html;
        assert!(!html.contains(hostile), "{:?}", content.template);
        assert!(!html.contains("<script"), "{:?}", content.template);
        assert!(!html.contains("alert('&')"), "{:?}", content.template);
    }
}

fn a29_values_break_no_line_of_the_subject(subject: Subject<'_>) {
    for breaking in ["x\r\nBcc: eve@example.org", "x\ny", "x\ry"] {
        for content in subject.samples_with_each_value_replaced(breaking) {
            let line = subject.renderer.render(&content).unwrap().subject;
            assert!(!line.contains(['\r', '\n']), "{:?}", content.template);
        }
    }
}

impl Subject<'_> {
    fn samples_with_each_value_replaced(&self, value: &str) -> Vec<MailContent> {
        let samples = MailTemplate::ALL.into_iter().map(self.sample);
        let replaced = samples.flat_map(|sample| {
            let names: Vec<String> = sample.values.keys().cloned().collect();
            names.into_iter().map(move |name| {
                let mut content = sample.clone();
                content.values.insert(name, value.to_owned());
                content
            })
        });
        replaced.collect()
    }
}

//! Pages that mailed links open: plain HTML without scripts. A GET shows what will happen; only a POST makes it so,
//! since mail scanners follow links too.

pub(crate) mod forgot_password;
mod link;
pub(crate) mod reset_password;
pub(crate) mod stylesheet;
pub(crate) mod verify_email;
pub(crate) mod verify_registration;

use crate::problem::{FieldError, Problem, ProblemCode};
use crate::settings::HttpSettings;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};
use minijinja::{Environment, Value, context};

/// One stylesheet, forms to ourselves, frames of ourselves (the development mailbox); nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-src 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

const TEMPLATES: [(&str, &str); 7] = [
    ("layout.html", include_str!("pages/layout.html")),
    ("confirm.html", include_str!("pages/confirm.html")),
    ("message.html", include_str!("pages/message.html")),
    ("reset_password.html", include_str!("pages/reset_password.html")),
    ("forgot_password.html", include_str!("pages/forgot_password.html")),
    ("development/list.html", include_str!("development/list.html")),
    ("development/mail.html", include_str!("development/mail.html")),
];

/// Renders pages.
pub(crate) struct Pages(Environment<'static>);

impl Pages {
    /// Pages of the service that `settings` names.
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        let mut environment = Environment::new();
        environment.add_global("service", settings.service_name.as_str());
        // A URL's path holds no character that ends an attribute.
        environment.add_global("base", Value::from_safe_string(settings.base_path().to_owned()));
        environment.add_global("min_length", settings.password_min_length);
        for (name, source) in TEMPLATES {
            if let Err(error) = environment.add_template(name, source) {
                tracing::error!(name, %error, "a page's template is not well formed");
            }
        }
        Self(environment)
    }

    /// A page.
    pub(crate) fn render(&self, status: StatusCode, template: &str, values: Value) -> HttpResponse {
        let rendered = self
            .0
            .get_template(template)
            .and_then(|template| template.render(values));
        match rendered {
            Ok(html) => HttpResponse::build(status)
                .content_type(ContentType::html())
                .insert_header((CONTENT_SECURITY_POLICY, POLICY))
                .body(html),
            Err(error) => {
                tracing::error!(template, %error, "a page does not render");
                HttpResponse::from_error(Problem::internal())
            }
        }
    }

    /// A page that says something.
    pub(crate) fn message(&self, status: StatusCode, title: &str, text: &str) -> HttpResponse {
        self.render(status, "message.html", context! { title, text })
    }

    /// A page that says what went wrong.
    pub(crate) fn problem(&self, problem: &Problem) -> HttpResponse {
        match problem.code() {
            ProblemCode::InvalidToken | ProblemCode::ExpiredToken => {
                let text = "It was used before, or it is too old. Ask for a new one where you asked for this one.";
                self.message(StatusCode::GONE, "This link no longer works", text)
            }
            code => {
                let faults: Vec<String> = problem.errors().iter().map(readable).collect();
                let values = context! { title => code.title(), text => problem.detail(), faults };
                let mut response = self.render(code.status(), "message.html", values);
                problem.write_headers(response.headers_mut());
                response
            }
        }
    }
}

fn readable(error: &FieldError) -> String {
    match error.pointer.strip_prefix('/') {
        Some(field) => format!("{field}: {}", error.detail),
        None => error.detail.to_string(),
    }
}

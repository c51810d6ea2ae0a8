//! `GET /dev/mail`

use crate::development::MailSummary;
use crate::extract::Public;
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::mail::compose::readable_time;
use minijinja::{Value, context};

/// Lists the mails.
pub(crate) async fn handle(_guard: Public, state: web::Data<HttpState>) -> Result<HttpResponse, Problem> {
    let mailbox = state.mailbox.as_ref().ok_or_else(Problem::not_found)?;
    let mails: Vec<Value> = mailbox.list().await?.iter().map(row).collect();
    let page = context! { title => "Mails", wide => true, mails };
    Ok(state.pages.render(StatusCode::OK, "development/list.html", page))
}

/// A mail's line, for a template.
pub(super) fn row(mail: &MailSummary) -> Value {
    context! {
        id => mail.id.as_str(),
        to => mail.to.as_str(),
        subject => mail.subject.as_str(),
        written_at => readable_time(mail.written_at),
    }
}

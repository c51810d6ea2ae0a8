//! The mail renderer.

use crate::sample_mails::sample_mails;
use crate::template_files::{self, TemplateFiles};
use gatewright_application::mail::content::{MailContent, MailTemplate, RenderedMail};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::mail_renderer::MailRenderer;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What the first line of a text template begins with.
const SUBJECT_MARK: &str = "Subject: ";

/// Renders mails from minijinja templates. A mail is two files: `<mail>.txt`, whose first line is `Subject: …`, and
/// `<mail>.html`, where values are escaped.
pub struct MinijinjaMailRenderer {
    environment: Environment<'static>,
}

/// What is wrong with a template.
#[derive(Debug, Error)]
pub enum TemplateError {
    /// The directory or a file in it cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The directory or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no mail for this file.
    #[error("{} is the template of no mail", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// A text template without a subject.
    #[error("{name} must begin with a line `Subject: …`")]
    NoSubject {
        /// The template.
        name: &'static str,
    },
    /// A template that is no template, or does not render with the values its mail has.
    #[error(transparent)]
    Broken(#[from] minijinja::Error),
}

impl MinijinjaMailRenderer {
    /// A renderer of the compiled-in templates, of which the files of the same name in `directory` replace any. Every
    /// mail is rendered once with sample values, so that a broken template shows at start and not when it is needed.
    ///
    /// # Errors
    /// [`TemplateError`], which names the file and line.
    pub fn new(directory: Option<&Path>) -> Result<Self, TemplateError> {
        let mut files = template_files::built_in();
        if let Some(directory) = directory {
            template_files::replace_from(directory, &mut files)?;
        }
        let environment = environment_with(files)?;
        let renderer = Self { environment };
        for mail in sample_mails() {
            renderer.fill(&mail)?;
        }
        Ok(renderer)
    }

    fn fill(&self, content: &MailContent) -> Result<RenderedMail, minijinja::Error> {
        let values = content
            .values
            .iter()
            .map(|(name, value)| (name.as_str(), single_line(value)));
        let values = Value::from_pairs(values);
        let fill = |extension: &str| {
            let name = format!("{}.{extension}", content.template.as_str());
            self.environment.get_template(&name)?.render(values.clone())
        };
        Ok(RenderedMail {
            subject: single_line(&fill("subject")?),
            text: fill("txt")?.trim_start().to_owned(),
            html: fill("html")?,
        })
    }
}

impl MailRenderer for MinijinjaMailRenderer {
    fn render(&self, content: &MailContent) -> Result<RenderedMail, PortError> {
        self.fill(content).map_err(|error| PortError::Corrupt {
            what: "mail",
            reason: reason_without_values(content.template, &error),
        })
    }
}

fn environment_with(files: TemplateFiles) -> Result<Environment<'static>, TemplateError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.add_filter("counted", counted);
    for (name, text) in files {
        let Some(mail) = name.strip_suffix(".txt") else {
            environment.add_template_owned(name, text)?;
            continue;
        };
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let subject = first
            .strip_prefix(SUBJECT_MARK)
            .ok_or(TemplateError::NoSubject { name })?;
        environment.add_template_owned(format!("{mail}.subject"), subject.to_owned())?;
        // The line break stands for the subject, so that errors count lines as the file does.
        environment.add_template_owned(name, format!("\n{rest}"))?;
    }
    Ok(environment)
}

/// "1 minute", "10 minutes".
fn counted(count: &str, unit: &str) -> String {
    let ending = if count == "1" { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

/// A value never ends its line: what follows would be ours in the reader's eyes, or another header of the mail.
fn single_line(text: &str) -> String {
    let breaks_line = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.replace(breaks_line, " ").trim().to_owned()
}

/// An error's own text may quote a value, which may be a code or a link.
fn reason_without_values(template: MailTemplate, error: &minijinja::Error) -> String {
    let file = error.name().unwrap_or(template.as_str());
    format!("{} in {file}, line {}", error.kind(), error.line().unwrap_or_default())
}

#[cfg(test)]
mod tests;

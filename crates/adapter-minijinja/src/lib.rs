//! Mail templates, filled by minijinja.
//!
//! The templates stand in `templates/` and are compiled in; a team replaces any of them by a file of
//! the same name in a directory of its own. The crate implements the application's
//! [`MailRenderer`](gatewright_application::ports::mail_renderer::MailRenderer) and imports the
//! application, the domain and minijinja.
//!
//! Start reading at [`mail_renderer`].

pub mod mail_renderer;
pub mod sample_mails;
mod template_files;

//! The use cases over fakes: what they decide, in which order, at which moment.

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod measurements;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod session;
#[cfg(test)]
mod several_processes;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod world;

//! The whole product, tested from outside: one binary, one module a subject.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod one_time_codes;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod pre_hijacking;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod traces;

//! What an error of the library means, in words.

use object_store::Error;

use super::StoreProblem;

/// Characters of a cause that are told.
const MOST: usize = 160;

/// What is said of a connection that is not made, or breaks.
const UNREACHABLE: [&str; 8] = [
    "error sending request",
    "timed out",
    "timeout",
    "connection closed",
    "connection reset",
    "error decoding",
    "error reading a body",
    "end of file before",
];

/// What an error means.
pub(super) fn problem(error: &Error) -> StoreProblem {
    let (all, last) = causes(error);
    let says = |words: &[&str]| words.iter().any(|word| all.contains(word));
    if says(&["NoSuchBucket"]) {
        return StoreProblem::NoBucket;
    }
    // Where no variable names credentials the machine itself is asked for those of its role.
    if says(&["169.254.169.254", "instance metadata", "MissingCredentials", "instance credentials"])
    {
        return StoreProblem::NoCredentials;
    }
    match error {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => StoreProblem::Denied,
        _ if says(&["InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"]) => {
            StoreProblem::Denied
        }
        Error::NotFound { .. } => StoreProblem::NotFound("an object of that name"),
        _ if says(&["URL scheme is not allowed", "builder error"]) => StoreProblem::PlainHttp,
        _ if says(&["non-2xx status code: 5", "non-2xx status code: 429", "SlowDown"]) => {
            StoreProblem::Busy(last)
        }
        _ if says(&UNREACHABLE) => StoreProblem::Unreachable(last),
        _ => StoreProblem::Other(last),
    }
}

/// Everything that an error and its causes say, and what the first cause says, on one line and in short.
fn causes(error: &Error) -> (String, String) {
    let (mut all, mut last) = (error.to_string(), error.to_string());
    let mut at: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = at {
        last = cause.to_string();
        all += &last;
        at = cause.source();
    }
    let line: String = last.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(MOST).collect();
    (all, if short.len() < line.len() { short + " ..." } else { short })
}

//! What Discord's answers mean for us (contracts/discord §1.8).

use outside::{Answer, CallError};
use serde_json::Value;
use std::time::Duration;

/// Why a call did not do what it was to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too much at once. Nothing was done.
    #[error("Discord asks for a pause of {} ms", after.as_millis())]
    RateLimited {
        /// How long to wait.
        after: Duration,
    },
    /// What it is about is not there any more, or cannot be changed any more: message, channel, interaction,
    /// token, or a thread that is archived or locked (10003, 10008, 10015, 10062, 30046, 50027, 50083,
    /// 160005; 0 when Discord names none).
    #[error("it is gone ({code})")]
    Gone {
        /// Discord's number.
        code: i64,
    },
    /// We may not: closed direct messages (50007, 50278), too many of them (40003), no access or
    /// permission (50001, 50013; 0 when Discord names none).
    #[error("Discord does not let us ({code})")]
    Forbidden {
        /// Discord's number.
        code: i64,
    },
    /// What we sent is wrong: a bug of ours.
    #[error("Discord takes it for wrong ({code}): {message}")]
    Invalid {
        /// Discord's number.
        code: i64,
        /// What is wrong, in Discord's words.
        message: String,
    },
    /// The bot's token is not valid.
    #[error("Discord does not know the bot's token")]
    Unauthorized,
    /// It may have been done or not: no answer in time, a fault on their side, an answer that says nothing.
    #[error("no usable answer: {0}")]
    Unknown(String),
    /// It certainly never left.
    #[error("not sent: {0}")]
    NotSent(String),
}

/// Nothing in an archived thread is changed; a new message wakes it.
pub(crate) const THREAD_ARCHIVED: i64 = 50_083;
/// Longest pause that we believe.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// Pause after an answer that names none.
const PAUSE: Duration = Duration::from_secs(1);
/// How long we keep away from a door that was shut on our address: the window in which Discord counts.
pub(super) const SHUT_OUT: Duration = Duration::from_secs(600);
/// What of Discord's explanation is kept.
const EXPLANATION: usize = 600;

/// Reads an answer. `as_bot` tells whether the bot's token went with the call.
pub(super) fn read(answered: Result<&Answer, &CallError>, as_bot: bool) -> Result<Value, Refusal> {
    let answer = match answered {
        Ok(answer) => answer,
        Err(CallError::NotSent(reason)) => return Err(Refusal::NotSent(reason.clone())),
        Err(CallError::Unknown(reason)) => return Err(Refusal::Unknown(reason.clone())),
    };
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    if (200..300).contains(&answer.status) {
        return match json {
            Some(json) => Ok(json),
            None if answer.body.is_empty() => Ok(Value::Null),
            None => Err(Refusal::Unknown(format!("{} with a body that is no JSON", answer.status))),
        };
    }
    if !(400..500).contains(&answer.status) {
        return Err(Refusal::Unknown(format!("Discord answered {}", answer.status)));
    }
    let code = json.as_ref().and_then(|json| json.get("code")?.as_i64()).unwrap_or(0);
    Err(match code {
        10_003 | 10_008 | 10_015 | 10_062 | 30_046 | 50_027 | THREAD_ARCHIVED | 160_005 => {
            Refusal::Gone { code }
        }
        40_003 | 50_001 | 50_007 | 50_013 | 50_278 => Refusal::Forbidden { code },
        // Cloudflare, because of a strange user agent.
        40_333 => Refusal::RateLimited { after: SHUT_OUT },
        _ => match answer.status {
            401 if as_bot => Refusal::Unauthorized,
            401 | 404 => Refusal::Gone { code },
            // A page instead of JSON is Cloudflare's: our address is shut out.
            403 | 429 if json.is_none() => {
                Refusal::RateLimited { after: answer.retry_after.unwrap_or(SHUT_OUT).min(LONGEST_PAUSE) }
            }
            403 => Refusal::Forbidden { code },
            429 => Refusal::RateLimited { after: pause(answer, json.as_ref()) },
            408 => Refusal::Unknown("Discord answered 408".into()),
            _ => Refusal::Invalid { code, message: explanation(answer.status, json.as_ref()) },
        },
    })
}

/// How long a 429 asks us to wait: by its body, which has fractions, else by its header.
fn pause(answer: &Answer, json: Option<&Value>) -> Duration {
    let told = json.and_then(|json| json.get("retry_after")?.as_f64());
    let told = told.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).or(answer.retry_after);
    told.unwrap_or(PAUSE).min(LONGEST_PAUSE)
}

/// Discord's message and the tree of mistakes, which names fields and never holds our values in full.
fn explanation(status: u16, json: Option<&Value>) -> String {
    let Some(json) = json else { return format!("HTTP {status}") };
    let message = json.get("message").and_then(Value::as_str).unwrap_or("no message");
    let mistakes = json.get("errors").map(|errors| format!(" {errors}")).unwrap_or_default();
    format!("{message}{mistakes}").chars().filter(|c| !c.is_control()).take(EXPLANATION).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, retry_after: None, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn refusal(status: u16, body: &str) -> Refusal {
        read(Ok(&answer(status, body)), true).unwrap_err()
    }

    fn coded(status: u16, code: i64) -> Refusal {
        refusal(status, &format!("{{\"message\":\"m\",\"code\":{code}}}"))
    }

    #[test]
    fn what_was_done_is_told_with_its_json() {
        assert_eq!(read(Ok(&answer(200, "{\"id\":\"1\"}")), true).unwrap()["id"], "1");
        assert_eq!(read(Ok(&answer(204, "")), true).unwrap(), Value::Null);
        assert!(matches!(read(Ok(&answer(200, "<html>")), true), Err(Refusal::Unknown(_))));
    }

    #[test]
    fn every_number_that_discord_names_has_its_meaning() {
        for (status, code) in [
            (404, 10_003),
            (404, 10_008),
            (404, 10_015),
            (404, 10_062),
            (429, 30_046),
            (401, 50_027),
            (400, 50_083),
            (400, 160_005),
        ] {
            assert_eq!(coded(status, code), Refusal::Gone { code });
        }
        for (status, code) in [(403, 50_007), (403, 50_278), (403, 50_001), (403, 50_013), (400, 40_003)] {
            assert_eq!(coded(status, code), Refusal::Forbidden { code });
        }
        assert_eq!(coded(404, 99_999), Refusal::Gone { code: 99_999 });
        assert_eq!(coded(403, 99_999), Refusal::Forbidden { code: 99_999 });
        assert_eq!(coded(401, 0), Refusal::Unauthorized);
        let without_token = answer(401, "{\"message\":\"401: Unauthorized\",\"code\":0}");
        assert_eq!(read(Ok(&without_token), false).unwrap_err(), Refusal::Gone { code: 0 });
    }

    #[test]
    fn a_mistake_of_ours_is_told_in_discords_words() {
        let body = r#"{"message":"Invalid Form Body","code":50035,"errors":{"embeds":{"0":{"title":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH"}]}}}}}"#;
        let Refusal::Invalid { code, message } = refusal(400, body) else { panic!("not invalid") };
        assert_eq!(code, 50_035);
        assert!(message.starts_with("Invalid Form Body {\"embeds\""), "{message}");
        assert!(matches!(refusal(413, "<html>"), Refusal::Invalid { code: 0, .. }));
        assert!(matches!(refusal(405, "{}"), Refusal::Invalid { .. }));
    }

    #[test]
    fn a_pause_is_as_long_as_discord_asks_and_no_longer_than_an_hour() {
        let limited = |after| Refusal::RateLimited { after };
        for (body, expected) in [
            ("{\"retry_after\":0.25,\"global\":false}", Duration::from_millis(250)),
            ("{\"retry_after\":1e12}", LONGEST_PAUSE),
            ("{\"retry_after\":-1}", PAUSE),
            ("{\"retry_after\":\"soon\"}", PAUSE),
            ("{}", PAUSE),
            ("<html>", SHUT_OUT),
        ] {
            assert_eq!(refusal(429, body), limited(expected), "{body}");
        }
        let mut by_header = answer(429, "{}");
        by_header.retry_after = Some(Duration::from_secs(7));
        assert_eq!(read(Ok(&by_header), true).unwrap_err(), limited(Duration::from_secs(7)));
        assert_eq!(refusal(403, "<html>error code: 1015</html>"), limited(SHUT_OUT));
        assert_eq!(coded(403, 40_333), limited(SHUT_OUT));
    }

    #[test]
    fn a_fault_on_their_side_and_silence_are_unknown() {
        for status in [301, 408, 500, 502, 503, 504] {
            assert!(matches!(refusal(status, "{}"), Refusal::Unknown(_)), "{status}");
        }
        let silence = CallError::Unknown("no answer in time".into());
        assert_eq!(read(Err(&silence), true).unwrap_err(), Refusal::Unknown("no answer in time".into()));
        let unsent = CallError::NotSent("nobody".into());
        assert_eq!(read(Err(&unsent), true).unwrap_err(), Refusal::NotSent("nobody".into()));
    }
}

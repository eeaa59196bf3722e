//! What is printed when the shop is open: what to look at, and a line that buys.

use crate::{
    config::{Config, Mode, SANDBOX_API_KEY},
    output,
};

pub(super) fn print(config: &Config, base: &str, with_simulators: bool) {
    let mut text = format!(
        "loket is open at {base} ({} mode, {})\n  pages: {base}/  API: {base}/docs  health: {base}/readyz\n",
        config.mode.as_str(),
        config.database
    );
    if config.mode == Mode::Sandbox {
        text.push_str(&format!(
            r#"
Buy 86 diamonds (no account anywhere is needed):

  curl -s {base}/api/v1/orders -H 'Authorization: Bearer {SANDBOX_API_KEY}' -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s%N)" -d '{{"product_code":"ML_86","user_id":"1114917746","server_id":"13486","payment_method":"gopay_qr"}}'
"#
        ));
    }
    if with_simulators {
        text.push_str(&format!(
            r#"
Pay it, as the buyer would in the wallet app (or open its pay_url), with the number that was answered:

  curl -s {base}/sandbox/pay -H 'Content-Type: application/json' -d '{{"reference":"LK…","outcome":"settle"}}'

Then look:  curl -s {base}/api/v1/orders/LK… -H 'Authorization: Bearer {SANDBOX_API_KEY}'
"#
        ));
    }
    output::print(&text);
}

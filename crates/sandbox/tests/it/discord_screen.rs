//! The page that shows what somebody sees in their client.

use crate::{
    discord_support::{BUYER, EPHEMERAL, OTHER, SHOP, Shop, V2, panel, shop_command, start},
    support::{Answer, World},
};
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x20";
/// As a picture in a page begins, when it is this one.
const IN_PAGE: &str = "src=\"data:image/png;base64,iVBORw0KGgo";

async fn look(world: &World, query: &str) -> Answer {
    world.send(world.request("GET", &format!("/sandbox/discord/screen?{query}"))).await
}

async fn screen(world: &World, query: &str) -> String {
    let answer = look(world, query).await;
    assert_eq!(answer.http, 200, "{}", answer.text);
    answer.text
}

/// Posts a message and looks at it alone.
async fn shown(world: &World, message: Value) -> String {
    let answer = world.post(message).await;
    assert_eq!(answer.http, 200, "{}", answer.text);
    screen(world, &format!("message_id={}", answer.json()["id"].as_str().unwrap())).await
}

#[track_caller]
fn has(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "{word} is missing in {page}");
    }
}

/// Types `/shop` as BUYER; the shop answers with this.
async fn shop(world: &World, end: &Shop, says: Value) -> Value {
    world.register(shop_command()).await;
    end.will_say(says);
    world.act(json!({"user_id": BUYER, "command": {"name": "shop"}})).await
}

#[tokio::test]
async fn a_card_looks_as_its_payload_says() {
    let (world, _end, _folder) = start().await;
    let text = "### 💳 Pilih *cara* bayar\n**Total Rp 20.000**\n-# Pesanan `LK1`\n> kutipan\n- satu\n- dua";
    let buttons = json!([
        {"type": 2, "style": 1, "label": "Cek status", "custom_id": "a"},
        {"type": 2, "style": 2, "label": "Kembali", "custom_id": "b"},
        {"type": 2, "style": 3, "label": "Lanjut", "custom_id": "c", "emoji": {"name": "✅"}},
        {"type": 2, "style": 4, "label": "Batal", "custom_id": "d", "disabled": true},
        {"type": 2, "style": 5, "label": "Halaman bayar", "url": "https://example.com/pay?a=1&b=2"},
    ]);
    let select = json!({"type": 3, "custom_id": "s", "placeholder": "Cara bayar", "options": [
        {"label": "GoPay", "value": "gopay", "description": "Aplikasi GoPay"}, {"label": "DANA", "value": "dana"},
    ]});
    let page = shown(
        &world,
        json!({"flags": V2, "components": [{"type": 17, "accent_color": 0x0034_98DB, "components": [
            {"type": 10, "content": text},
            {"type": 14},
            {"type": 9, "components": [{"type": 10, "content": "86 Diamonds"}],
             "accessory": {"type": 2, "style": 1, "label": "Beli", "custom_id": "e"}},
            {"type": 1, "components": buttons},
            {"type": 1, "components": [select]},
        ]}]}),
    )
    .await;
    has(
        &page,
        &[
            "lang=\"id\"",
            "bukan Discord sungguhan",
            "<h2>#topup</h2>",
            "border-left-color:#3498db",
            "<h4 class=\"size3\">💳 Pilih <em>cara</em> bayar</h4>",
            "<strong>Total Rp 20.000</strong>",
            "<p class=\"subtext\">Pesanan <code>LK1</code></p>",
            "<blockquote>kutipan</blockquote>",
            "<ul><li>satu</li><li>dua</li></ul>",
            "<hr class=\"gap\">",
            "86 Diamonds",
            "<button class=\"button primary\" type=\"button\" disabled>Cek status</button>",
            "<button class=\"button secondary\" type=\"button\" disabled>Kembali</button>",
            "<button class=\"button success\" type=\"button\" disabled><span class=\"emoji\">✅</span> Lanjut</button>",
            "<button class=\"button danger off\" type=\"button\" disabled>Batal</button>",
            "<a class=\"button secondary\" href=\"https://example.com/pay?a=1&amp;b=2\"",
            "Halaman bayar<span class=\"out\" aria-hidden=\"true\"> ↗</span></a>",
            "<summary class=\"field\"><span class=\"hint\">Cara bayar</span>",
            "<li>GoPay<small>Aplikasi GoPay</small></li><li>DANA</li>",
        ],
    );
    assert!(!page.contains("class=\"unknown\""), "{page}");
}

#[tokio::test]
async fn a_picture_is_in_the_page_itself() {
    let (world, _end, _folder) = start().await;
    let path = format!("/channels/{SHOP}/messages");
    let gallery = json!({
        "flags": V2, "attachments": [{"id": 0, "filename": "qris.png"}],
        "components": [{"type": 17, "components": [
            {"type": 12, "items": [{"media": {"url": "attachment://qris.png"}, "description": "Kode QR"}]},
            {"type": 12, "items": [{"media": {"url": "https://example.com/a.png"}}]},
        ]}],
    });
    let embed = json!({
        "embeds": [{"title": "QR", "image": {"url": "attachment://qris.png"}}],
        "attachments": [{"id": 0, "filename": "qris.png", "description": "Kode QR"}],
    });
    let beside = json!({"content": "QR", "attachments": [{"id": 0, "filename": "qris.png", "description": "Kode QR"}]});
    for message in [gallery, embed, beside] {
        let made = world.upload("POST", &path, message, &[("qris.png", PNG)]).await;
        assert_eq!(made.http, 200, "{}", made.text);
        let page = screen(&world, &format!("message_id={}", made.json()["id"].as_str().unwrap())).await;
        assert_eq!(page.matches(IN_PAGE).count(), 1, "{page}");
        has(&page, &["alt=\"Kode QR\""]);
        assert!(!page.contains("src=\"http") && !page.contains("/sandbox/discord/attachments"), "{page}");
    }
    has(&screen(&world, "").await, &["https://example.com/a.png"]);
    let policy = look(&world, "").await.headers["content-security-policy"].clone();
    has(policy.to_str().unwrap(), &["default-src 'none'", "img-src data:", "style-src 'unsafe-inline'"]);
    assert!(!policy.to_str().unwrap().contains("script"), "{policy:?}");
    let file = world.upload("POST", &path, json!({"content": "x"}), &[("a.txt", b"abc")]).await.json();
    let page = screen(&world, &format!("message_id={}", file["id"].as_str().unwrap())).await;
    has(&page, &["a.txt", "<small>3 B</small>"]);
}

#[tokio::test]
async fn an_embed_is_shown_with_all_its_parts() {
    let (world, _end, _folder) = start().await;
    let page = shown(
        &world,
        json!({"embeds": [{
            "title": "✅ Terkirim", "description": "Selesai.\n\n<t:1795323600:t> **Rp 20.000** kembali",
            "color": 0x002E_CC71, "author": {"name": "Toko"},
            "footer": {"text": "Terima kasih"}, "timestamp": "2026-11-22T05:00:00Z",
            "fields": [
                {"name": "Akun", "value": "`12345 (2001)`", "inline": true},
                {"name": "Nomor seri", "value": "```\nSN-1\n```", "inline": false},
            ],
        }], "components": [
            {"type": 1, "components": [{"type": 2, "style": 5, "label": "Lihat pesanan", "url": "https://example.com/o"}]},
        ]}),
    )
    .await;
    has(
        &page,
        &[
            "border-left-color:#2ecc71",
            "<h4 class=\"title\">✅ Terkirim</h4>",
            ">12:00</time> <strong>Rp 20.000</strong> kembali",
            "Toko",
            "<div class=\"pair\"><dt>Akun</dt><dd class=\"text\"><p><code>12345 (2001)</code></p></dd></div>",
            "<div class=\"pair whole\"><dt>Nomor seri</dt><dd class=\"text\"><pre><code>SN-1</code></pre></dd></div>",
            "Terima kasih • <time datetime=\"2026-11-22T05:00:00.000Z\">22/11/2026 12:00</time>",
            "Lihat pesanan",
        ],
    );
}

#[tokio::test]
async fn what_is_for_one_person_is_on_their_screen_alone() {
    let (world, end, _folder) = start().await;
    world.user(json!({"id": OTHER})).await;
    let seen = shop(&world, &end, panel()).await;
    let id = seen["message"]["id"].as_str().unwrap();
    let before = world.sees(BUYER).await;
    for query in [format!("user_id={BUYER}"), format!("user_id={BUYER}&channel_id={SHOP}&message_id={id}")] {
        has(&screen(&world, &query).await, &["<p>hi</p>", "Only you can see this • Dismiss", "86", "172"]);
    }
    let theirs = screen(&world, &format!("user_id={OTHER}")).await;
    assert!(!theirs.contains("can see this") && !theirs.contains("<p>hi</p>"), "{theirs}");
    has(&theirs, &["Belum ada pesan di sini."]);
    assert_eq!(look(&world, &format!("user_id={OTHER}&message_id={id}")).await.http, 404);
    let all = screen(&world, "").await;
    has(&all, &["<p>hi</p>", "Only @pembeli_0201 can see this"]);
    assert_eq!(world.sees(BUYER).await, before, "looking changes nothing");
}

#[tokio::test]
async fn a_deferred_answer_is_being_thought_about() {
    let (world, end, _folder) = start().await;
    shop(&world, &end, json!({"type": 5, "data": {"flags": EPHEMERAL}})).await;
    has(&screen(&world, "").await, &["Loket is thinking…", "Only @pembeli_0201 can see this"]);
}

#[tokio::test]
async fn nothing_that_others_wrote_becomes_html() {
    let (world, _end, _folder) = start().await;
    let evil = "<script>alert(1)</script>";
    world.user(json!({"id": BUYER, "nick": evil})).await;
    let text = format!("{evil} <@{BUYER}> `{evil}` [{evil}](https://example.com/\"onload=)");
    let plain = shown(
        &world,
        json!({"content": text, "embeds": [
            {"title": evil, "description": evil, "fields": [{"name": evil, "value": evil}], "footer": {"text": evil}},
        ]}),
    )
    .await;
    let select = json!({"type": 3, "custom_id": evil, "placeholder": evil, "options": [
        {"label": evil, "value": evil, "description": evil},
    ]});
    let button = json!({"type": 2, "style": 1, "label": evil, "custom_id": "b", "emoji": {"name": "<b>"}});
    let card = shown(
        &world,
        json!({"flags": V2, "components": [
            {"type": 10, "content": text},
            {"type": 1, "components": [select]},
            {"type": 1, "components": [button]},
        ]}),
    )
    .await;
    let theirs = screen(&world, &format!("user_id={BUYER}")).await;
    for page in [plain, card, theirs] {
        assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains("\"onload"), "{page}");
        has(&page, &["&lt;script&gt;alert(1)&lt;/script&gt;", ">@&lt;script&gt;"]);
    }
}

#[tokio::test]
async fn times_are_told_in_the_language_and_by_the_clock_of_the_reader() {
    let (world, _end, _folder) = start().await;
    world.user(json!({"id": BUYER, "locale": "en-GB"})).await;
    world.user(json!({"id": OTHER, "locale": "id"})).await;
    world.post(json!({"content": "<t:1795323600:R>"})).await;
    for (user, now, lang, words) in [
        (BUYER, "1795322700", "en", ">in 15 minutes<"),
        (OTHER, "2026-11-22T04:45:00Z", "id", ">dalam 15 menit<"),
        (OTHER, "1795323720", "id", ">2 menit yang lalu<"),
    ] {
        let page = screen(&world, &format!("user_id={user}&now={now}")).await;
        has(&page, &[words, &format!("<html lang=\"{lang}\">")]);
    }
}

#[tokio::test]
async fn a_modal_lies_over_the_messages_of_whoever_opened_it() {
    let (world, end, _folder) = start().await;
    world.user(json!({"id": OTHER})).await;
    let panel = shop(&world, &end, panel()).await;
    let fields = json!([
        {"type": 18, "label": "User <ID>", "description": "Angka saja", "component":
            {"type": 4, "custom_id": "u", "style": 1, "placeholder": "12345678", "value": "987"}},
        {"type": 18, "label": "Catatan", "component":
            {"type": 4, "custom_id": "n", "style": 2, "required": false, "value": "dua\nbaris"}},
        {"type": 18, "label": "Server", "component": {"type": 3, "custom_id": "s", "options": [
            {"label": "Asia", "value": "asia", "default": true}, {"label": "Eropa", "value": "eu"},
        ]}},
        {"type": 10, "content": "**Periksa** lagi."},
    ]);
    end.will_say(json!({"type": 9, "data": {"custom_id": "m", "title": "Isi akun", "components": fields}}));
    let click = json!({"message_id": panel["message"]["id"], "custom_id": "buy"});
    let opened = world.act(json!({"user_id": BUYER, "component": click})).await;
    let id = opened["interaction"]["id"].as_str().unwrap();
    let page = screen(&world, &format!("interaction_id={id}")).await;
    has(
        &page,
        &[
            "<p>hi</p>",
            "Only you can see this",
            "role=\"dialog\"",
            "Isi akun</h2>",
            "<label for=\"field-0\">User &lt;ID&gt;<span class=\"must\"> *</span></label>",
            "Angka saja",
            "<input id=\"field-0\" type=\"text\" readonly placeholder=\"12345678\" value=\"987\">",
            "<label for=\"field-1\">Catatan</label>",
            "<textarea id=\"field-1\" rows=\"4\" readonly>dua\nbaris</textarea>",
            "<span>Asia</span>",
            "Eropa",
            "<strong>Periksa</strong> lagi.",
            "Submit</button>",
        ],
    );
    assert_eq!(look(&world, &format!("interaction_id={id}&user_id={OTHER}")).await.http, 404);
    let without = panel["interaction"]["id"].as_str().unwrap();
    let page = screen(&world, &format!("interaction_id={without}")).await;
    assert!(!page.contains("role=\"dialog\""), "it was answered with a message: {page}");
}

#[tokio::test]
async fn what_is_not_there_is_told_so() {
    let (world, _end, _folder) = start().await;
    for (query, http) in [
        ("user_id=1", 404),
        ("message_id=1", 404),
        ("channel_id=1", 404),
        ("interaction_id=1", 404),
        ("now=soon", 422),
        ("colour=red", 400),
    ] {
        assert_eq!(look(&world, query).await.http, http, "{query}");
    }
    assert_eq!(world.send(world.request("POST", "/sandbox/discord/screen")).await.http, 405);
}

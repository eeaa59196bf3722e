//! `/cek game user_id [server]`: whether an account exists. What is known is answered directly; what has
//! to be asked of somebody is owed, and answered by the courier.

use super::{game, reader};
use crate::{
    desk::Desk,
    inbound::{Inbound, Named},
    reply::Reply,
    screen,
    trouble::Trouble,
    views::account,
};
use orders::Validated;

pub(crate) async fn run(desk: &Desk, asked: &Inbound, options: &Named) -> Result<Reply, Trouble> {
    let (typed, user_id) = options.get("game").zip(options.get("user_id")).ok_or_else(|| {
        Trouble::told("Isi game dan ID pemainnya: /cek.", "Give the game and the player's id: /cek.")
    })?;
    let server = options.get("server");
    let game = game(&desk.shop, typed).await?;
    let Some(found) = desk.shop.validator.cached(&game.code, user_id, server).await else {
        screen::owe_cek(&desk.shop, asked, (game.code.as_str(), user_id, server)).await?;
        return Ok(Reply::Defer);
    };
    let found =
        Validated { game, account: found.account, validation: found.validation, confirm: found.confirm };
    Ok(Reply::Show(account::found(reader(desk, asked), &found)))
}

"""The settings of bots and scripts, which `config.Settings` has among its own."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from pindeck.setting_types import Address, HexKey, Presets, Rate, Switch, Webhook


class BotSettings(BaseSettings):
    """As in `config`: the description of each field is the text of the settings table in the README."""

    ingest_api_key: str = Field(
        "",
        repr=False,
        description="Key of bots and scripts for `/ingestExternal` and its neighbours, beside the keys of programs. Empty means none.",
    )
    pindeck_user_id: str = Field(
        "",
        description="Id of the account that `INGEST_API_KEY` and `DISCORD_MODERATOR_ROLE` act for. Empty means the account that each call names as `userId`, and none in Discord.",
    )
    rate_ingest: Rate = Field(
        "600/hour", description="Calls at `/ingestExternal` and its neighbours per key; 0 means no limit."
    )
    discord_status_webhook_url: Webhook = Field(
        "", repr=False, description="Webhook of a channel that is told what becomes of pictures from Discord. Empty means nobody is told."
    )
    discord_public_key: HexKey = Field(
        "",
        description="Public key of your application in Discord, in hex. Where it is set, `/discord/interactions` answers what Discord signs; empty means there is no such address.",
    )
    discord_moderator_role: str = Field(
        "",
        pattern=r"^[0-9]*$",
        description="Id of the role in Discord whose holders act for `PINDECK_USER_ID`. Empty means there are none; people who linked their account act for themselves in any case.",
    )
    discord_token: str = Field(
        "",
        repr=False,
        pattern=r"^[!-~]*$",
        description="Token of your bot in Discord. `pindeck discord` connects with it, and workers read and write messages. Empty means there is no bot.",
    )
    discord_client_id: str = Field(
        "", pattern=r"^[0-9]*$", description="Id of your application in Discord. Empty means the one that the token is of."
    )
    discord_guild_id: str = Field(
        "",
        pattern=r"^[0-9]*$",
        description="Id of the one server that is told the commands, which is at once. Empty means all servers, which may take an hour.",
    )
    discord_images_json: Presets = Field(
        "",
        description="Pictures that `/images menu`, `send` and `panel` post: a JSON list of at most 25 `{\"label\", \"url\", \"emoji\"?, \"id\"?}`. Empty means three samples.",
    )
    discord_ingest_emojis: str = Field(
        "📌", description="Emojis that save the message they are put on, with commas: `📌`, `<:name:id>`, or `:pushpin:` and `:inbox_tray:`."
    )
    discord_ingest_default_tags: str = Field("discord,imported", description="Tags of pictures saved in Discord, with commas.")
    discord_ingest_default_category: str = Field("General", description="Category of pictures saved in Discord.")
    discord_ingest_max_images_per_post: int = Field(
        1, ge=1, le=10, description="Most pictures that are saved of one message, the best first."
    )
    discord_ingest_confirmations: Switch = Field(True, description="Whether the bot says in the channel what an emoji saved.")
    discord_ingest_fetch_external: Switch = Field(
        True,
        description="Whether a page that a message links to is looked at for its picture. Links to X are looked at through fxtwitter.com.",
    )
    discord_generate_default_count: int = Field(2, ge=1, le=12, description="Variations that a button in Discord orders.")
    discord_generate_default_mode: Literal[
        "shot-variation", "b-roll", "action-shot", "style-variation", "subtle-variation", "coverage"
    ] = Field("shot-variation", description="What the button *Generate* orders.")
    discord_approved_variation_buttons: Switch = Field(
        True, description="Whether the bot puts buttons for variations below the message of an approved picture."
    )
    discord_dry_run: Switch = Field(
        False, description="`pindeck discord` tells Discord the commands, prints its settings, and ends."
    )
    discord_api_base_url: Address = Field("https://discord.com/api/v10", description="Address of Discord's API.")

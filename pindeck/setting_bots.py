"""The settings of bots and scripts, which `config.Settings` has among its own."""

from pydantic import Field
from pydantic_settings import BaseSettings

from pindeck.setting_types import HexKey, Rate, Webhook


class BotSettings(BaseSettings):
    """As in `config`: the description of each field is the text of the settings table in the README."""

    ingest_api_key: str = Field(
        "",
        repr=False,
        description="Key of bots and scripts for `/ingestExternal` and its neighbours, beside the keys of programs. Empty means none.",
    )
    pindeck_user_id: str = Field(
        "",
        description="Id of the account that `INGEST_API_KEY` and the commands in Discord act for. Empty means the account that each call names as `userId`, and none in Discord.",
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
        description="Id of the role in Discord that may decide. Empty means nobody may.",
    )

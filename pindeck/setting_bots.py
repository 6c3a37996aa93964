"""The settings of bots and scripts, which `config.Settings` has among its own."""

from pydantic import Field
from pydantic_settings import BaseSettings

from pindeck.setting_types import Rate, Webhook


class BotSettings(BaseSettings):
    """As in `config`: the description of each field is the text of the settings table in the README."""

    ingest_api_key: str = Field(
        "",
        repr=False,
        description="Key of bots and scripts for `/ingestExternal` and its neighbours, beside the keys of programs. Empty means none.",
    )
    pindeck_user_id: str = Field(
        "",
        description="Id of the account that `INGEST_API_KEY` acts for. Empty means the account that each call names as `userId`.",
    )
    rate_ingest: Rate = Field(
        "600/hour", description="Calls at `/ingestExternal` and its neighbours per key; 0 means no limit."
    )
    discord_status_webhook_url: Webhook = Field(
        "", repr=False, description="Webhook of a channel that is told what becomes of pictures from Discord. Empty means nobody is told."
    )

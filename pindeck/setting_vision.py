"""The settings of asking models, which `config.Settings` has among its own."""

from typing import Literal

from pydantic import Field

from pindeck.setting_bots import BotSettings
from pindeck.setting_checks import OPENROUTER
from pindeck.setting_types import Address


class VisionSettings(BotSettings):
    """As in `config`: the description of each field is the text of the settings table in the README."""

    vision_backend: Literal["", "openai", "openrouter", "offline"] = Field(
        "",
        description="Who describes pictures. `openai` sends them, reduced, to any endpoint that speaks OpenAI's chat protocol; `openrouter` is the same at OpenRouter; `offline` asks nobody: the file gives the title. Empty means `openai` if a key or an address is set, else `offline`.",
    )
    vision_base_url: Address = Field(
        "",
        description="Address of the endpoint, up to and with `/v1`, such as `http://127.0.0.1:11434/v1` for Ollama. Empty means OpenRouter.",
    )
    vision_api_key: str = Field(
        "",
        repr=False,
        description="Key of the endpoint. With OpenRouter `OPEN_ROUTER_KEY` and `OPENROUTER_API_KEY` are taken too.",
    )
    vision_model: str = Field(
        "qwen/qwen3-vl-8b-instruct",
        min_length=1,
        max_length=200,
        description="Model that describes pictures, as the endpoint calls it. `OPENROUTER_VLM_MODEL` is taken too.",
    )
    openrouter_provider_sort: Literal["", "price", "throughput", "latency"] = Field(
        "", description="What OpenRouter chooses among the servers of a model by: `price`, `throughput` or `latency`."
    )
    vision_timeout_s: float = Field(60, gt=0, le=300, description="Seconds one answer of a model may take, that of `EMBEDDINGS_BASE_URL` as well.")
    vision_concurrency: int = Field(
        4, ge=1, le=32, description="Pictures that one worker shows to the model at the same time."
    )
    daily_analysis_limit: int = Field(
        0,
        ge=0,
        description="The most descriptions for one person within a day (UTC); the rest waits until the next day. 0 means no limit.",
    )
    vision_monthly_limit: int = Field(
        0,
        ge=0,
        description="The most descriptions within a calendar month (UTC); the rest waits until the next month. 0 means no limit.",
    )

    embeddings_base_url: Address = Field(
        "",
        description="Address of an endpoint that speaks OpenAI's embeddings protocol, up to and with `/v1`. It is sent the words of pictures, and *More like this* gets a fifth dial, *Meaning*. Empty means none.",
    )
    embeddings_api_key: str = Field("", repr=False, description="Key of that endpoint; empty for a server that asks for none.")
    embeddings_model: str = Field("", max_length=200, description="Model that reads words, as that endpoint calls it.")

    @property
    def embeddings_is_on(self) -> bool:
        """Whether a model reads what the words of pictures mean."""
        return bool(self.embeddings_base_url)

    @property
    def vision_is_on(self) -> bool:
        """Whether a model describes pictures."""
        if not self.vision_backend:
            return bool(self.vision_api_key or self.vision_base_url)
        return self.vision_backend != "offline"

    @property
    def vision_url(self) -> str:
        is_elsewhere = self.vision_base_url and self.vision_backend != "openrouter"
        return self.vision_base_url if is_elsewhere else OPENROUTER

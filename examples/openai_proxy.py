"""Give any OpenAI client a token budget by changing its base URL.

Start the proxy first, with the URL of the model server:

    hiercomp serve --base-url http://localhost:11434/v1 --budget 250
"""

import base64
import os
from pathlib import Path

from openai import OpenAI

client = OpenAI(base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1"))
report = base64.b64encode(Path("data/tarnholt_2025_annual_report.pdf").read_bytes()).decode()
attached = {"filename": "report.pdf", "file_data": f"data:application/pdf;base64,{report}"}
question = "What was the effective tax rate in 2025?"

response = client.chat.completions.with_raw_response.create(
    model="qwen2.5-coder:0.5b",
    messages=[
        {"role": "user", "content": [{"type": "file", "file": attached}, {"type": "text", "text": question}]},
    ],
    temperature=0,
    max_tokens=40,
)
print("tokens:", response.headers["X-Hiercomp-Tokens"])
print("answer:", response.parse().choices[0].message.content)

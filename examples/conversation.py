"""Compress a conversation with a long tool result to 200 tokens."""

from pathlib import Path

import hiercomp

messages = [
    {"role": "system", "content": "You are terse."},
    {"role": "user", "content": "Read the call of the fourth quarter."},
    {"role": "assistant", "content": None, "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "read", "arguments": '{"file": "call.md"}'}},
    ]},
    {"role": "tool", "tool_call_id": "1", "content": Path("data/tarnholt_q4_2025_call.md").read_text(encoding="utf-8")},
    {"role": "assistant", "content": "I have read it."},
    {"role": "user", "content": "What range of loss do they see for the patent suit?"},
]  # fmt: skip

compressed = hiercomp.compress_messages(messages, budget=200)

print(f"{compressed.original_tokens:,} -> {compressed.tokens} tokens, messages {compressed.kept}")
for message in compressed.messages:
    print(f"{message['role']}: {message['content']}")

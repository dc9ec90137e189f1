from hiercomp import llms, tokenizers


def test_it_is_the_tokenizer_of_the_local_reader() -> None:
    assert tokenizers.build("gguf/0.5b") is llms.build("local").tokenizer
    assert tokenizers.build("gguf/0.5b").name == "gguf/0.5b"
